// The system's Chromium; nothing is downloaded.
export const flags = () => ({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
})
export const launch = chromium => chromium.launch(flags())
