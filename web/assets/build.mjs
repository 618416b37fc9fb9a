// Builds the front end: pages to web/static/ (names carry a hash of their content, manifest.json maps a
// source to its files), the expression language to engine/feel/feel.js for the embedded QuickJS.
//
//   node build.mjs [--dev]        --dev: readable output with source maps

import { access, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import esbuild from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const staticFolder = resolve(here, '../static');
const feelFile = resolve(here, '../../engine/feel/feel.js');
const dev = process.argv.includes('--dev');

// One entry a page or editor. A page asks the manifest for it by this name.
const entries = [
  'css/app.css',
  'css/print.css',
  'js/app.js',
  'js/viewer.js',
  'editors/bpmn.js',
  'editors/dmn.js',
  'editors/form.js'
];

const common = {
  absWorkingDir: here,
  bundle: true,
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
  minify: !dev,
  sourcemap: dev && 'linked'
};

await buildFeel();
const manifest = await buildPages();
console.log(`built ${Object.keys(manifest).length} page files and ${relative(process.cwd(), feelFile)}`);


async function buildPages() {
  const present = [];
  for (const entry of entries) {
    if (await exists(join(here, entry))) {
      present.push(entry);
    }
  }

  const { metafile } = await esbuild.build({
    ...common,
    entryPoints: present,
    outbase: here,
    outdir: staticFolder,
    entryNames: '[dir]/[name]-[hash]',
    chunkNames: 'chunks/[name]-[hash]',
    assetNames: 'files/[name]-[hash]',
    format: 'esm',
    splitting: true,
    target: [ 'chrome120', 'firefox121', 'safari17.5' ],
    conditions: [ 'style' ],
    loader: Object.fromEntries(
      [ '.woff', '.woff2', '.ttf', '.eot', '.svg', '.png', '.gif' ].map(extension => [ extension, 'file' ])
    )
  });

  const manifest = manifestOf(metafile);
  await mkdir(staticFolder, { recursive: true });
  await writeFile(join(staticFolder, 'manifest.json'), JSON.stringify(manifest, null, 2) + '\n');
  await removeStale(metafile);
  await compress(metafile);
  return manifest;
}

// Beside each file that grows smaller by it: the server hands it to every browser as it lies here.
async function compress(metafile) {
  for (const file of Object.keys(metafile.outputs).filter(name => /\.(js|css|svg)$/.test(name))) {
    await writeFile(`${resolve(here, file)}.gz`, gzipSync(await readFile(resolve(here, file)), { level: 9 }));
  }
}

// {"js/app.js": "js/app-K3J4.js", "editors/bpmn.css": "editors/bpmn-9F2A.css"}: the styles that a script
// imports are listed under the name of the script.
function manifestOf(metafile) {
  const manifest = {};
  for (const [ file, output ] of Object.entries(metafile.outputs)) {
    if (!output.entryPoint) {
      continue;
    }
    manifest[output.entryPoint] = inStatic(file);
    if (output.cssBundle) {
      manifest[output.entryPoint.replace(/\.js$/, '.css')] = inStatic(output.cssBundle);
    }
  }
  return manifest;
}

async function removeStale(metafile) {
  const current = new Set([ 'manifest.json', ...Object.keys(metafile.outputs).map(inStatic) ]);
  for (const found of await readdir(staticFolder, { recursive: true, withFileTypes: true })) {
    const file = join(found.parentPath, found.name);
    if (found.isFile() && !current.has(relative(staticFolder, file))) {
      await rm(file);
    }
  }
}

function inStatic(file) {
  return relative(staticFolder, resolve(here, file));
}

async function buildFeel() {
  await mkdir(dirname(feelFile), { recursive: true });
  await esbuild.build({
    ...common,
    entryPoints: [ 'feel/main.js' ],
    outfile: feelFile,
    format: 'iife',
    globalName: 'feel',
    sourcemap: false,
    target: 'es2022'
  });
}

async function exists(file) {
  return access(file).then(() => true, () => false);
}
