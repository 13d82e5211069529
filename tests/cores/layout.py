"""The layout of each major against its golden file: every fact that does not depend on the core, with its provenance.

A golden file is the output of `heapscan --explain-layout` without what is measured in a core (addresses, counts, votes) and
without versions. A fact that moves in a release shows here by its name; when the release is right and the file is old,
write it anew: python3 tests/cores/layout.py CORE > tests/cores/golden/layout-MAJOR.txt (before Node 18: layout-RELEASE.txt)"""
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
    """`ran`: heapscan --explain-layout on a core of `version`. First releases of a major may differ from its golden file; before
    Node 18 layouts moved inside majors, so a file is that of one release."""
    path = GOLDEN / f'layout-{version}.txt'
    if not path.exists() and not version.split('.')[1] == '0':
        path = GOLDEN / f'layout-{version.split(".")[0]}.txt'
    if not path.exists():
        return
    expected, found = set(path.read_text().splitlines()), set(facts(ran.output.decode()))
    wrong = [f'- {l}' for l in sorted(expected - found)] + [f'+ {l}' for l in sorted(found - expected)]
    results.check(ran.status == 0 and not wrong, f'{version}: the layout is that of {path.name}', ran.said(), *wrong[:20])


if __name__ == '__main__':
    from stream import Run
    print('\n'.join(facts(Run(['--explain-layout', sys.argv[1]]).output.decode())))
