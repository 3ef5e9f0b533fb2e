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
    rolldownOptions: {
      output: {
        // Few requests: what every page needs comes with the entry, what every record needs comes together.
        codeSplitting: {
          groups: [
            { name: 'record', test: /src\/meta\/(fixed|Field|Region|Record(?!Panel)|useRecord|InlineEdit|Timeline|Composer|Related|Duplicates)|src\/ds\/(Combobox|DateField)/, priority: 1 },
            { name: 'base', test: /node_modules|src\/(core(?!\/(photo|suggest|pivot|dnd|hints|sections))|state)\/|src\/ds\/(?!Combobox|DateField|Ordered)|src\/(nav|locales\/zh)\.ts|src\/meta\/values/, priority: 2 },
          ],
        },
      },
    },
  },
  define: { __VUE_OPTIONS_API__: 'false' },
  server: { proxy: { '/api': process.env.LOUDOU ?? 'http://127.0.0.1:8790' } },
})
