// Prints what each page of the editors weighs, gzipped: its own script and styles with everything they need at once, and
// what is loaded later (another language). `make sizes`.
import { readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const folder = resolve(dirname(fileURLToPath(import.meta.url)), '../static');
const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
const everywhere = [ 'css/app.css', 'js/app.js' ];
const kilobytes = bytes => `${(bytes / 1024).toFixed(0)} kB`.padStart(9);

console.log(`${'page'.padEnd(22)}${'at once'.padStart(9)}${'raw'.padStart(9)}${'later'.padStart(9)}`);
for (const name of [ 'js/app.js', 'js/viewer.js', 'editors/bpmn.js', 'editors/dmn.js', 'editors/form.js' ]) {
  const styles = name.replace(/\.js$/, '.css');
  const own = [ ...new Set([ ...everywhere, name, styles ]) ].map(each => manifest[each]).filter(Boolean);
  const first = await reached(own, /(?:from|import)\s*"(\.[^"]+)"/g);
  const later = [ ...await reached(own, /import\("(\.[^"]+)"\)|(?:from|import)\s*"(\.[^"]+)"/g) ].filter(file => !first.has(file));
  const [ now, raw, after ] = await Promise.all([ weight([ ...first ], true), weight([ ...first ], false), weight(later, true) ]);
  console.log(`${name.padEnd(22)}${kilobytes(now)}${kilobytes(raw)}${kilobytes(after)}`);
}

async function reached(files, pattern) {
  const found = new Set();
  const waiting = [ ...files ];
  while (waiting.length) {
    const file = waiting.pop();
    if (found.has(file)) {
      continue;
    }
    found.add(file);
    if (file.endsWith('.js')) {
      const text = await readFile(join(folder, file), 'utf8');
      waiting.push(...[ ...text.matchAll(pattern) ].map(([ , one, other ]) => relative(folder, resolve(folder, dirname(file), one ?? other))));
    }
  }
  return found;
}

async function weight(files, zipped) {
  const contents = await Promise.all(files.map(file => readFile(join(folder, file))));
  return contents.reduce((sum, content) => sum + (zipped ? gzipSync(content).length : content.length), 0);
}
