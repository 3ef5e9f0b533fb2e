import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

export default defineConfig({
  plugins: [vue()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    // The last Chromium for Windows 7, and iOS 15: both still alive in offices.
    target: ['chrome109', 'safari15.4'],
    sourcemap: false,
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  define: { __VUE_OPTIONS_API__: 'false' },
  server: { proxy: { '/api': process.env.LOUDOU ?? 'http://127.0.0.1:8790' } },
})
