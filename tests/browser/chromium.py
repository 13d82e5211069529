"""Drives a headless Chromium through its debugging pipe: NUL-terminated JSON on the file descriptors 3 and 4, no packages needed.

The browser gets a profile of its own, no network (every host name resolves to nothing) and is ended with its process group.
"""
import base64, json, os, select, shutil, signal, subprocess, tempfile, time

FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
         '--disable-component-update', '--disable-sync', '--disable-default-apps', '--disable-extensions', '--mute-audio',
         '--hide-scrollbars', '--disable-dev-shm-usage', '--host-resolver-rules=MAP * ~NOTFOUND', '--remote-debugging-pipe']


def find():
    return shutil.which('chromium') or shutil.which('chromium-browser') or shutil.which('google-chrome')


class Chromium:
    def __init__(self, limit=60):
        self.limit, self.serial, self.buffer, self.events = limit, 0, b'', []
        self.profile = tempfile.mkdtemp(prefix='heapreport-chromium.')
        to_child, self.output = os.pipe()
        self.input, from_child = os.pipe()

        def pipes():   # 3 and 4 may be the very numbers that the pipes have
            a, b = os.dup(to_child), os.dup(from_child)
            os.dup2(a, 3)
            os.dup2(b, 4)

        self.process = subprocess.Popen([find(), *FLAGS, f'--user-data-dir={self.profile}', 'about:blank'], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=pipes, close_fds=False,
                                        start_new_session=True)
        os.close(to_child)
        os.close(from_child)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        os.close(self.output)
        os.close(self.input)
        shutil.rmtree(self.profile, ignore_errors=True)

    def _receive(self, deadline):
        while b'\0' not in self.buffer:
            if not select.select([self.input], [], [], max(0, deadline - time.monotonic()))[0]:
                raise TimeoutError('Chromium does not answer')
            got = os.read(self.input, 1 << 20)
            if not got:
                raise EOFError('Chromium ended')
            self.buffer += got
        message, self.buffer = self.buffer.split(b'\0', 1)
        return json.loads(message)

    def call(self, method, session=None, **params):
        self.serial += 1
        message = {'id': self.serial, 'method': method, 'params': params, **({'sessionId': session} if session else {})}
        os.write(self.output, json.dumps(message).encode() + b'\0')
        deadline = time.monotonic() + self.limit
        while True:
            got = self._receive(deadline)
            if got.get('id') == self.serial:
                if 'error' in got:
                    raise RuntimeError(f'{method}: {got["error"]}')
                return got['result']
            self.events.append(got)

    def wait(self, method, session):
        deadline = time.monotonic() + self.limit
        while True:
            for event in self.events:
                if event.get('method') == method and event.get('sessionId') == session:
                    self.events.remove(event)
                    return event['params']
            self.events.append(self._receive(deadline))


class Page:
    """One tab. `complaints` collects what stands in the console, exceptions, and everything it tried to load."""

    def __init__(self, chromium, width=1200, height=900):
        self.chromium = chromium
        target = chromium.call('Target.createTarget', url='about:blank')['targetId']
        self.session = chromium.call('Target.attachToTarget', targetId=target, flatten=True)['sessionId']
        for domain in 'Page', 'Runtime', 'Log', 'Network':
            self.call(f'{domain}.enable')
        self.size(width, height)

    def call(self, method, **params):
        return self.chromium.call(method, self.session, **params)

    def size(self, width, height):
        self.call('Emulation.setDeviceMetricsOverride', width=width, height=height, deviceScaleFactor=1, mobile=False)

    def media(self, kind='', scheme='light'):
        self.call('Emulation.setEmulatedMedia', media=kind, features=[{'name': 'prefers-color-scheme', 'value': scheme}])

    def open(self, path):
        self.call('Page.navigate', url='file://' + os.path.abspath(path))
        self.chromium.wait('Page.loadEventFired', self.session)

    def js(self, expression):
        got = self.call('Runtime.evaluate', expression=expression, returnByValue=True, awaitPromise=True)
        if 'exceptionDetails' in got:
            raise RuntimeError(f'{expression}: {got["exceptionDetails"]}')
        return got['result'].get('value')

    def click(self, selector):
        """A real click of the mouse in the middle of what is shown of the element."""
        x, y = self.js(f'''(() => {{ const e = document.querySelector({json.dumps(selector)}); e.scrollIntoView({{block: "center"}});
            const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; }})()''')
        for kind in 'mousePressed', 'mouseReleased':
            self.call('Input.dispatchMouseEvent', type=kind, x=x, y=y, button='left', clickCount=1)

    def key(self, key, text=None):
        codes = {'Enter': 13, 'Escape': 27, 'ArrowLeft': 37, 'ArrowUp': 38, 'ArrowRight': 39, 'ArrowDown': 40, 'Tab': 9, '/': 191}
        text = text or ('\r' if key == 'Enter' else key if len(key) == 1 else None)
        common = {'key': key, 'windowsVirtualKeyCode': codes.get(key, ord(key[0].upper())), **({'text': text} if text else {})}
        self.call('Input.dispatchKeyEvent', type='keyDown', **common)
        self.call('Input.dispatchKeyEvent', type='keyUp', **common)

    def write(self, text):
        self.call('Input.insertText', text=text)

    def screenshot(self, path, whole=True):
        got = self.call('Page.captureScreenshot', format='png', captureBeyondViewport=whole)
        with open(path, 'wb') as f:
            f.write(base64.b64decode(got['data']))

    def complaints(self):
        """Console messages, exceptions, violations, and requests for anything but the file itself."""
        self.js('0')   # whatever was under way has been told now
        found = []
        for event in self.chromium.events:
            if event.get('sessionId') != self.session:
                continue
            method, params = event.get('method'), event.get('params')
            if method == 'Runtime.exceptionThrown':
                found.append('exception: ' + json.dumps(params['exceptionDetails'])[:400])
            elif method == 'Runtime.consoleAPICalled':
                found.append('console: ' + json.dumps(params['args'])[:400])
            elif method == 'Log.entryAdded':
                found.append('log: ' + params['entry']['text'][:400])
            elif method == 'Network.requestWillBeSent' and not params['request']['url'].startswith('file:'):
                found.append('request: ' + params['request']['url'][:200])
            elif method == 'Page.javascriptDialogOpening':
                found.append('dialog: ' + params['message'][:200])
        return found
