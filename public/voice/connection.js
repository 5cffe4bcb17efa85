/**
 * Whether the server can be reached, and which of Chainlit's sessions we are in, read off Chainlit's own socket.
 *
 * Only looked at, never written to: the socket.io packet `40` from the server says that a session is connected,
 * the same packet from the page carries the session's id. A changed id means another conversation: what the
 * recorder was given to send frames with belongs to the old one.
 *
 * @typedef {{connected: (newSession: boolean) => void, lost: () => void}} ConnectionListener
 */

const SOCKET_PATH = "/ws/socket.io";
const CONNECT = "40";

export class Connection {
  #session = "";
  /** @type {number|null} */
  #lostAt = null;
  /** @type {Map<string, () => void>} */
  #due = new Map();
  /** @type {ConnectionListener} */
  #listener;

  /** @param {ConnectionListener} listener */
  constructor(listener) {
    this.#listener = listener;
    const connection = this;
    window.WebSocket = class extends WebSocket {
      /** @param {string|URL} url @param {string|string[]} [protocols] */
      constructor(url, protocols) {
        super(url, protocols);
        if (new URL(url, location.href).pathname.includes(SOCKET_PATH)) connection.#watch(this);
      }
    };
  }

  /** Milliseconds since the connection was lost; 0 while it stands. */
  get lostFor() {
    return this.#lostAt === null ? 0 : performance.now() - this.#lostAt;
  }

  /** Whether a session is connected right now. */
  get stands() {
    return this.#session !== "" && this.#lostAt === null;
  }

  /**
   * Do it now, or, where nobody would hear of it yet, with the connection. A later deed of the same name replaces it.
   * @param {string} name @param {() => void} deed
   */
  soon(name, deed) {
    if (this.stands) deed();
    else this.#due.set(name, deed);
  }

  /** @param {string} name of a deed that is no longer wanted */
  notAnyMore(name) {
    this.#due.delete(name);
  }

  doWhatIsDue() {
    const due = [...this.#due.values()];
    this.#due.clear();
    for (const deed of due) deed();
  }

  /** @param {WebSocket} socket */
  #watch(socket) {
    let session = "";
    const send = socket.send;
    socket.send = function (data) {
      if (typeof data === "string" && data.startsWith(`${CONNECT}{`)) {
        session = JSON.parse(data.slice(CONNECT.length)).sessionId ?? "";
      }
      return send.call(this, data);
    };
    socket.addEventListener("message", ({ data }) => {
      if (typeof data !== "string" || !data.startsWith(CONNECT)) return;
      const newSession = session !== this.#session;
      this.#session = session;
      this.#lostAt = null;
      // Chainlit's own answer to this packet goes first.
      setTimeout(() => this.#listener.connected(newSession));
    });
    socket.addEventListener("close", () => {
      if (session !== this.#session) return;
      this.#lostAt ??= performance.now();
      this.#listener.lost();
    });
  }
}
