// The system's Chromium, without what draws on a screen; nothing is downloaded.
export const flags = () => ({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium-headless-shell',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
})
export const launch = chromium => chromium.launch(flags())
