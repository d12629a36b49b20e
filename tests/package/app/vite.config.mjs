import react from '@vitejs/plugin-react'
import {tidemark} from 'tidemark/vite'
import {defineConfig} from 'vite'

export default defineConfig({plugins: [react(), tidemark({app: 'src/sync.ts'})]})
