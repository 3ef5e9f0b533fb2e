// Writes a .br and a .gz twin beside every text file of dist/; the server embeds all three.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const dist = new URL('../dist', import.meta.url).pathname

for (const name of readdirSync(dist, { recursive: true })) {
  const path = join(dist, name)
  if (!statSync(path).isFile() || !/\.(html|js|css|svg|json|webmanifest)$/.test(name)) continue
  const bytes = readFileSync(path)
  writeFileSync(path + '.br', brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  }))
  writeFileSync(path + '.gz', gzipSync(bytes, { level: 9 }))
}
