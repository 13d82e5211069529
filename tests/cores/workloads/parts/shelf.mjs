export const shelf = [];
export class ItemOfShelf { constructor(i) { this.i = i; } }
for (let i = 0; i < 100; i++) shelf.push(new ItemOfShelf(i));
