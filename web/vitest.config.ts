import { mergeConfig, defineConfig } from 'vitest/config'
import base from './vite.config'

export default mergeConfig(base, defineConfig({
  test: { environment: 'happy-dom', include: ['test/unit/**/*.test.ts'], setupFiles: ['test/unit/setup.ts'] },
}))
