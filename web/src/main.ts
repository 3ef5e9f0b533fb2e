import { createApp } from 'vue'
import App from './App.vue'
import { onSignedOut } from './core/api'
import { listen } from './core/hotkeys'
import './ds/tokens.css'
import './ds/base.css'
import './ds/print.css'
import { router } from './router'
import { keepShell } from './offline'
import { session, startSession } from './state/session'

// A session can end under an open page; what was on the screen comes back after signing in.
onSignedOut(() => {
  session.member = null
  const here = router.currentRoute.value
  if (here.name !== 'login') router.push({ name: 'login', query: { to: here.fullPath } })
})

listen()
keepShell()
startSession().then(() => createApp(App).use(router).mount('#app'))
