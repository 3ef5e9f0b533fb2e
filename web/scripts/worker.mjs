// Builds dist/sw.js after the pages: one file, with the list of everything that belongs to the shell; the pictures of the manifest do not.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'vite'

const web = new URL('..', import.meta.url).pathname
const dist = join(web, 'dist')
const files = readdirSync(dist, { recursive: true }).filter(name => statSync(join(dist, name)).isFile() && !/^(sw\.js|screen-.*|\..*)$|\.(br|gz)$/.test(name)).sort()
const hash = createHash('sha256')
for (const name of files) hash.update(name).update(readFileSync(join(dist, name)))

await build({
  root: web,
  configFile: join(web, 'vite.config.ts'),
  logLevel: 'warn',
  publicDir: false,
  build: {
    emptyOutDir: false,
    rolldownOptions: { input: join(web, 'src/worker.ts'), output: { entryFileNames: 'sw.js', codeSplitting: false } },
  },
  define: { FILES: JSON.stringify(files.map(name => name === 'index.html' ? '/' : '/' + name)), BUILD: JSON.stringify(hash.digest('hex').slice(0, 12)) },
})
