"""Results in the Test Anything Protocol. A Results collects, so that releases can run side by side and be printed whole."""


class Results:
    def __init__(self):
        self.items = []  # (passed, name, diagnostics, reason for a skip)

    def check(self, passed, name, *diagnostics):
        self.items.append((bool(passed), name, [d for d in diagnostics if d], None))
        return bool(passed)

    def skip(self, name, reason):
        self.items.append((True, name, [], reason))

    def extend(self, other):
        self.items += other.items


class Printer:
    def __init__(self):
        self.number = 0
        self.failed = 0

    def show(self, results):
        for passed, name, diagnostics, skipped in results.items:
            self.number += 1
            self.failed += not passed
            print(f'{"ok" if passed else "not ok"} {self.number} - {name}' + (f' # SKIP {skipped}' if skipped else ''))
            for text in diagnostics:
                for line in str(text).splitlines():
                    print(f'# {line}')
        print(end='', flush=True)

    def end(self):
        print(f'1..{self.number}', flush=True)
        return 1 if self.failed or not self.number else 0
