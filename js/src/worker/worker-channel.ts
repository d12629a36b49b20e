// How the workers of one database reach one another: a BroadcastChannel, which every browser with workers has. Every
// message of a leader carries its epoch; one of an old epoch is dropped by whoever gets it.
import type {BetweenWorkers, MessageOf} from './protocol.js'

export class WorkerChannel {
  readonly #channel: BroadcastChannel

  constructor(database: string, receive: (message: MessageOf<BetweenWorkers>) => void) {
    this.#channel = new BroadcastChannel(`tidemark:${database}`)
    this.#channel.onmessage = ({data}: MessageEvent<MessageOf<BetweenWorkers>>) => receive(data)
  }

  send(message: MessageOf<BetweenWorkers>): void {
    this.#channel.postMessage(message)
  }

  close(): void {
    this.#channel.close()
  }
}
