// The built binary (LOUDOU=, default build/loudou) on a fresh store with the demo company; everybody has this password.
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

export const password = 'demo1234x'

export async function serve() {
  const binary = resolve(process.env.LOUDOU ?? join(import.meta.dirname, '../../../build/loudou'))
  if (!existsSync(binary)) throw new Error(`${binary} is not there: make build, or set LOUDOU`)
  const store = mkdtempSync(join(tmpdir(), 'loudou-e2e-'))
  const port = await new Promise(done => { const probe = createServer().listen(0, '127.0.0.1', () => { const { port } = probe.address(); probe.close(() => done(port)) }) })
  const base = `http://127.0.0.1:${port}`
  execFileSync(binary, ['demo', '--data', store, '--password', password], { stdio: ['ignore', 'ignore', 'inherit'] })
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
