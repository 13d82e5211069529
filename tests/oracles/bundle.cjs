// Makes devtools.cjs of devtools.ts and the modules of DevTools that it needs. Two of those are of no use here: the list of
// locales, which the package lacks, and the choice between browser and Node, which awaits at the top level.
'use strict';
const path = require('path');

const replaced = {
    'i18n/locales': `export const LOCALES = ['en-US'], BUNDLED_LOCALES = ['en-US'], DEFAULT_LOCALE = 'en-US',
                     REMOTE_FETCH_PATTERN = '', LOCAL_FETCH_PATTERN = '';`,
    'platform/HostRuntime': `import {HostRuntime} from './node/node.js'; export const HOST_RUNTIME = HostRuntime.HOST_RUNTIME;`,
};
const replace = {
    name: 'replace',
    setup(build) {
        build.onResolve({ filter: /(locales|HostRuntime)\.js$/ }, ({ path: wanted, resolveDir }) => {
            const file = path.resolve(resolveDir, wanted).replace(/\\/g, '/').replace(/\.js$/, '');
            const key = Object.keys(replaced).find((name) => file.endsWith('/core/' + name));
            return key ? { path: key, namespace: 'replaced', pluginData: path.dirname(file) } : undefined;
        });
        build.onLoad({ filter: /.*/, namespace: 'replaced' }, ({ path: key, pluginData: resolveDir }) =>
            ({ contents: replaced[key], loader: 'js', resolveDir }));
    },
};
require('esbuild').build({
    entryPoints: ['devtools.ts'], outfile: 'devtools.cjs', bundle: true, platform: 'node', format: 'cjs', logLevel: 'error', plugins: [replace],
}).catch(() => process.exit(1));
