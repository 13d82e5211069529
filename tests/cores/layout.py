"""The layout of each major against its golden file: every fact that does not depend on the core, with its provenance.

A golden file is the output of `heapscan --explain-layout` without what is measured in a core (addresses, counts, votes) and
without versions. A fact that moves in a release shows here by its name; when the release is right and the file is old,
write it anew: python3 tests/cores/layout.py CORE > tests/cores/golden/layout-MAJOR.txt (before Node 18: layout-RELEASE.txt).
Where a layout moved inside a major, layout-MAJOR.MINOR.txt is that of the releases up to that minor (Node 24.12 took a V8 whose
FreeSpace counts words, with the version number as it was but for its last part)."""
import os, pathlib, sys

GOLDEN = pathlib.Path(__file__).parent / 'golden'


def facts(text):
    lines = []
    for line in text.splitlines():
        fields = line.split(None, 3)
        if len(fields) == 4 and fields[2] in ('symbol', 'derived', 'table') and 'votes' not in fields[3]:
            lines.append(f'{fields[0]} {fields[1]} {fields[2]} {fields[3]}')
        elif len(fields) == 4 and 'votes' in fields[3]:   # the rule that won, not by how many
            lines.append(f'{fields[0]} {fields[3].split(" (")[0]}')
    return sorted(lines)


def check(results, version, ran):
    """`ran`: heapscan --explain-layout on a core of `version`. Before Node 18 layouts moved inside majors, so a file is that of one
    release."""
    major, minor, _ = version.split('.')
    path = GOLDEN / f'layout-{version}.txt'
    if not path.exists():
        until = [int(file.stem.split('.')[1]) for file in GOLDEN.glob(f'layout-{major}.*.txt') if file.stem.count('.') == 1]
        until = [last for last in until if last >= int(minor)]
        path = GOLDEN / (f'layout-{major}.{min(until)}.txt' if until else f'layout-{major}.txt')
    if not path.exists():
        return
    expected, found = set(path.read_text().splitlines()), set(facts(ran.output.decode()))
    wrong = [f'- {l}' for l in sorted(expected - found)] + [f'+ {l}' for l in sorted(found - expected)]
    results.check(ran.status == 0 and not wrong, f'{version}: the layout is that of {path.name}', ran.said(), *wrong[:20])


if __name__ == '__main__':
    from stream import Run
    print('\n'.join(facts(Run(['--explain-layout', sys.argv[1]]).output.decode())))
