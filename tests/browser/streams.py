"""Snapshot streams made by hand for the page: a leak with paths and containers, and one full of hostile names.

Written from heapscan-snapshot(5) alone. Keys need not be those of the names here: a class is followed by its key.
"""
import hashlib, json, subprocess

HOSTILE = [
    '<script>document.title="owned"</script>',
    '</script><script>alert(1)</script>',
    '<!--<script>',
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    ']]><svg onload=alert(1)>',
    '`touch owned`',
    '$(touch owned)',
    '"; system("touch owned"); set output "owned" #',
    '{/Symbol a}_{b}^{c}@{d}&{e}~{f}{g}',
    'a\\"; !touch owned\n!touch owned\n',
    '\u202egnp.exe',
    '\x00\x01\x07\x1b[31m\x7f\x9b',
    '\u2028\u2029\ufeff\u200b\u2066',
    '\ufffd',   # what heapscan writes for a lone surrogate
    '%s%n%x%{owned}%%',
    "'; DROP TABLE heap; --",
    'javascript:alert(1)',
    '&lt;b&gt;&amp;&#60;script&#62;',
    'x' * (1 << 20),
    '😀' * 50000,
    '__proto__', 'constructor', 'hasOwnProperty',
]


def digest(data):
    return subprocess.run(['xxh128sum'], input=data, stdout=subprocess.PIPE, check=True).stdout.split()[0].decode()


def key(text):
    return hashlib.md5(text.encode('utf-8', 'surrogatepass')).hexdigest()


def cls(name, count, size, type='object', properties=(), location=None, dead=0, sample=None):
    return dict(kind='class', key=key(type + name + repr(properties)), isolate=0, type=type, constructor=name, location=location,
                properties=sorted(properties), property_count=len(properties), dictionary=False, count=count + dead,
                bytes=(count + dead) * size, reachable_count=count, reachable_bytes=count * size, retained_bytes=count * size,
                elements=0, sample=sample)


def stream(lines, k, source='core.%d', complete=True, reasons=()):
    head = dict(kind='header', schema='heapscan.snapshot/1', tool='heapscan 0.1.0', source=source % k if '%' in source else source,
                format='elf-core', machine='x86-64', bits=64, build_id='ab' * 20, pid=4242,
                captured_at='2024-11-22T01:%02d:00Z' % (k * 5), node='22.12.0', v8='12.4.254.21', isolates=1, options=[])

    body = b''.join(json.dumps(l, separators=(',', ':')).encode() + b'\n' for l in [head] + lines)
    trailer = dict(kind='trailer', lines=len(lines) + 1, digest=digest(body), complete=complete, reasons=list(reasons))
    return body + json.dumps(trailer).encode() + b'\n'


def paths(k, names=('sessions', 'cache', 'Session')):
    sessions, cache, session = names
    n = 1000 * k
    return [dict(kind='path', id=0, parent=None, edge='global', **{'class': key('global')}, constructor='global', count=1, bytes=5000, fanout=900),
            dict(kind='path', id=1, parent=None, edge='/srv/app.js', **{'class': '0' * 32}, constructor=None, count=1, bytes=48, fanout=4),
            dict(kind='path', id=2, parent=1, edge='variable ' + sessions, **{'class': key('objectMap()')}, constructor='Map', count=1, bytes=64 * n, fanout=n),
            dict(kind='path', id=3, parent=2, edge='[key]', **{'class': key('object' + session + repr(('id', 'user')))}, constructor=session, count=n, bytes=56 * n, fanout=2 * n),
            dict(kind='path', id=4, parent=0, edge=cache, **{'class': key('objectLru()')}, constructor='Lru', count=1, bytes=40000, fanout=10)]


def leak(k):
    n = 1000 * k
    return paths(k) + [
        cls('Session', n, 56, properties=('id', 'user'), location=dict(script='/srv/app.js', line=12, column=3), sample='0x2a5ce1bb1e%02x' % k),
        cls('Map', 1, 64 * n), cls('Lru', 1, 40000), cls('global', 1, 5000),
        cls('Request', 3, 400, dead=200), cls('(bytecode)', 100, 4000, type='code'),
        cls('Beta', 5, 10), cls('alpha', 7, 30),
        dict(kind='container', path='app.js: variable sessions', **{'class': key('objectMap()')}, constructor='Map', address='0x1000', entries=n,
             capacity=2 * n, bytes=64 * n, retained_bytes=120 * n, keys='string'),
        dict(kind='reject', reason='no map', count=k, bytes=8 * k)]


def hostile(k):
    lines = [dict(kind='isolate', id=0, role='main', address='0x1000')]
    for i, name in enumerate(HOSTILE):
        lines.append(cls(name, 100 * k * (i + 1), 64, properties=(name, 'x'), location=dict(script='/srv/' + name, line=1, column=1), sample='0x2000'))
        lines.append(dict(kind='container', path=name, **{'class': key(name)}, constructor=name, address='0x3000', entries=k * 10, capacity=k * 20,
                          bytes=100 * k, retained_bytes=1000 * k, keys=name))
        lines.append(dict(kind='reject', reason=name, count=1, bytes=8))
        lines += [dict(p, id=p['id'] + 5 * i, parent=None if p['parent'] is None else p['parent'] + 5 * i, edge=p['edge'] + str(i) if p['parent'] is None else p['edge'])
                  for p in paths(k, (name, name, name))]
    return lines


def series(make, count, **more):
    return b''.join(stream(make(k), k, **more) for k in range(1, count + 1))
