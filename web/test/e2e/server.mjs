// The built binary (LOUDOU=, default build/loudou) on a fresh store with the demo company; everybody has this password.
// With `rows`, a store of so many customers instead, whose administrator is m0 (make build/release/tests/bench/bench).
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

export const password = 'demo1234x'

export async function serve({ rows = 0 } = {}) {
  const binary = resolve(process.env.LOUDOU ?? join(import.meta.dirname, '../../../build/loudou'))
  if (!existsSync(binary)) throw new Error(`${binary} is not there: make build, or set LOUDOU`)
  const store = mkdtempSync(join(tmpdir(), 'loudou-e2e-'))
  const port = await new Promise(done => { const probe = createServer().listen(0, '127.0.0.1', () => { const { port } = probe.address(); probe.close(() => done(port)) }) })
  const base = `http://127.0.0.1:${port}`
  const quiet = { stdio: ['ignore', 'ignore', 'inherit'] }
  if (rows) {
    execFileSync(join(dirname(binary), 'release/tests/bench/bench'), ['fill', store, rows, rows, 50], quiet)
    execFileSync(binary, ['member', 'passwd', '--data', store, 'm0', '--password', password], quiet)
  } else execFileSync(binary, ['demo', '--data', store, '--password', password], quiet)
  const server = spawn(binary, ['serve', '--data', store, '--listen', `127.0.0.1:${port}`], { stdio: ['ignore', 'ignore', 'ignore'] })
  for (let turn = 0; ; turn++) {
    if (await fetch(base + '/api/health').then(answer => answer.ok, () => false)) break
    if (turn > 100) throw new Error('the server does not answer')
    await new Promise(done => setTimeout(done, 100))
  }
  return {
    base,
    async stop() {
      server.kill()
      await new Promise(done => server.once('exit', done))
      rmSync(store, { recursive: true, force: true })
    },
  }
}
