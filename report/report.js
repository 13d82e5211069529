// What moves in the report: theme, copying, the ranked table (sort, search, fold), the icicle (zoom by click and key).
// Everything is in the page already; without this script it can still be read. No name is ever made into markup here.
'use strict';
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (selector, root = document) => root.querySelector(selector);
  document.documentElement.classList.remove('nojs');

  // --- theme
  const theme = one('#theme');
  const dark = () => {
    const chosen = document.documentElement.dataset.theme;
    return chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  };
  const label = () => { theme.textContent = dark() ? 'Light' : 'Dark'; };
  theme.addEventListener('click', () => { document.documentElement.dataset.theme = dark() ? 'light' : 'dark'; label(); });
  label();

  // --- commands
  const copy = async (button) => {
    const code = one('code', button.parentElement);
    try {
      await navigator.clipboard.writeText(code.textContent);
    } catch {
      getSelection().selectAllChildren(code);   // no clipboard for files here: selected, at least
      button.textContent = 'Selected';
      return;
    }
    button.textContent = 'Copied';
    setTimeout(() => { button.textContent = 'Copy'; }, 1500);
  };
  all('.command button').forEach((b) => b.addEventListener('click', () => copy(b)));

  // --- the ranked table: each row is followed by its detail, and they move together
  const table = one('#classes');
  if (table) {
    const body = table.tBodies[0];
    const rows = all('tr.class', body).map((tr) => ({
      tr, detail: tr.nextElementSibling, text: tr.textContent.toLowerCase() + tr.nextElementSibling.textContent.toLowerCase(),
      verdict: tr.dataset.verdict, values: tr.dataset.values.split(' ').map(Number), name: tr.cells[1].textContent,
    }));
    const search = one('#search'), shown = one('#shown'), chips = all('#chips button');
    let verdict = 'all', few = rows.length > 40;
    const more = one('#all');
    const filter = () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      let count = 0, beyond = 0;
      for (const row of rows) {
        const good = (verdict === 'all' || row.verdict === verdict) && words.every((w) => row.text.includes(w));
        const out = good && few && !words.length && count >= 25;   // the first are enough until somebody asks
        beyond += out;
        row.tr.hidden = !good || out;
        row.detail.hidden = row.tr.hidden || one('.fold', row.tr).getAttribute('aria-expanded') !== 'true';
        count += good && !out;
      }
      shown.textContent = `${count} of ${rows.length} shown`;
      more.hidden = !beyond;
      more.textContent = `Show ${beyond} more`;
    };
    const fold = (row, open) => {
      const button = one('.fold', row.tr), now = open ?? button.getAttribute('aria-expanded') !== 'true';
      button.setAttribute('aria-expanded', String(now));
      row.detail.hidden = !now;
    };
    rows.forEach((row) => {
      one('.fold', row.tr).addEventListener('click', (e) => { e.stopPropagation(); fold(row); });
      row.tr.addEventListener('click', () => { if (getSelection().isCollapsed) fold(row); });
    });
    more.addEventListener('click', () => { few = false; filter(); });
    search.addEventListener('input', filter);
    search.addEventListener('keydown', (e) => { if (e.key === 'Escape') { search.value = ''; filter(); } });
    chips.forEach((chip) => chip.addEventListener('click', () => {
      verdict = chip.value;
      chips.forEach((c) => c.setAttribute('aria-pressed', String(c === chip)));
      filter();
    }));
    one('#unfold').addEventListener('click', (e) => {
      const open = e.target.getAttribute('aria-pressed') !== 'true';
      e.target.setAttribute('aria-pressed', String(open));
      rows.forEach((row) => fold(row, open && !row.tr.hidden));
    });
    all('th button', table).forEach((button) => button.addEventListener('click', () => {
      const th = button.closest('th'), key = button.value, was = th.getAttribute('aria-sort');
      const down = was ? was === 'ascending' : key !== 'name' && key !== '0';
      all('th', table).forEach((t) => t.removeAttribute('aria-sort'));
      th.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      const order = key === 'name' ? (a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
        : (a, b) => a.values[key] - b.values[key];
      rows.sort((a, b) => (down ? order(b, a) : order(a, b)) || a.values[0] - b.values[0]);
      body.append(...rows.flatMap((row) => [row.tr, row.detail]));
      filter();
    }));
    addEventListener('keydown', (e) => {
      if (e.key !== '/' || e.ctrlKey || e.metaKey || /^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName)) return;
      e.preventDefault();
      search.focus();
    });
    filter();
  }

  // --- the icicle: a node's place is a share of the whole; zooming stretches one node to the full width
  const icicle = one('#icicle');
  if (icicle) {
    const height = 26;
    const nodes = all(':scope > svg', icicle), crumb = one('#crumb'), out = one('#zoom-out');
    const facts = nodes.map((svg) => ({
      svg, x: parseFloat(svg.getAttribute('x')) / 100, w: parseFloat(svg.getAttribute('width')) / 100,
      depth: Number(svg.getAttribute('y')) / height,
      parent: svg.dataset.p === '' ? -1 : Number(svg.dataset.p),
    }));
    let focus = 0;
    const path = (i) => { const steps = []; for (; i >= 0; i = facts[i].parent) steps.unshift(one('text', nodes[i]).firstChild.data); return steps; };
    const tell = (i) => { crumb.textContent = `${path(i).join(' › ')}: ${nodes[i].dataset.t}`; };
    const visible = (i) => !nodes[i].hasAttribute('display');
    const select = (i) => {
      nodes.forEach((n, k) => n.setAttribute('tabindex', k === i ? '0' : '-1'));
      nodes[i].focus();
      tell(i);
    };
    const zoom = (i) => {
      focus = i;
      const f = facts[i], above = new Set();
      for (let p = f.parent; p >= 0; p = facts[p].parent) above.add(p);
      let deepest = 0;
      facts.forEach((n, k) => {
        const x = above.has(k) ? 0 : (n.x - f.x) / f.w, w = above.has(k) ? 1 : n.w / f.w;
        const inside = above.has(k) || (x > -1e-5 && x + w < 1 + 1e-5 && n.depth >= f.depth && w > 0.0008);
        if (!inside) { n.svg.setAttribute('display', 'none'); return; }
        n.svg.removeAttribute('display');
        n.svg.setAttribute('x', `${100 * x}%`);
        n.svg.setAttribute('width', `${100 * w}%`);
        deepest = Math.max(deepest, n.depth);
      });
      icicle.setAttribute('height', String((deepest + 1) * height));
      out.disabled = i === 0;
      tell(i);
    };
    const move = (i, key) => {
      const f = facts[i], same = (n) => visible(n) && facts[n].depth === f.depth;
      if (key === 'ArrowUp') return f.parent;
      if (key === 'ArrowDown') return facts.findIndex((n, k) => n.parent === i && visible(k));
      const beside = facts.map((_, k) => k).filter(same).sort((a, b) => facts[a].x - facts[b].x);
      return beside[beside.indexOf(i) + (key === 'ArrowRight' ? 1 : -1)] ?? -1;
    };
    nodes.forEach((svg, i) => {
      svg.addEventListener('click', () => { zoom(i); select(i); });
      svg.addEventListener('mouseenter', () => tell(i));
      svg.addEventListener('keydown', (e) => {
        if (e.key === 'Enter' || e.key === ' ') { e.preventDefault(); zoom(i); return; }
        if (e.key === 'Escape') { const up = Math.max(facts[focus].parent, 0); zoom(up); select(up); return; }
        if (!e.key.startsWith('Arrow')) return;
        e.preventDefault();
        const to = move(i, e.key);
        if (to >= 0) select(to);
      });
    });
    icicle.addEventListener('mouseleave', () => tell(focus));
    out.addEventListener('click', () => zoom(Math.max(facts[focus].parent, 0)));
    one('#zoom-top').addEventListener('click', () => zoom(0));
    nodes[0].setAttribute('tabindex', '0');
    zoom(0);
  }
})();
