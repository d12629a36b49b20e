import {StrictMode} from 'react'
import {createRoot} from 'react-dom/client'
import {TidemarkProvider} from 'tidemark/react'
import {App} from './app.js'
import app from './sync.js'
import './style.css'

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no element #root')
createRoot(root).render(
  <StrictMode>
    <TidemarkProvider app={app} fallback={<p className="opening">Opening…</p>}>
      <App />
    </TidemarkProvider>
  </StrictMode>,
)
