import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface TestServer {
  /** `127.0.0.1:PORT` */
  host: string;
  port: number;
  /** Requests as they came: `GET /v2/ authorization`. */
  requests: IncomingMessage[];
  close(): Promise<void>;
}

/** A server on this machine, on a free port or a socket file, for as long as a test runs. */
export async function serve(handle: (request: IncomingMessage, response: ServerResponse) => void, at: number | string = 0): Promise<TestServer> {
  const requests: IncomingMessage[] = [];
  const server: Server = createServer((request, response) => {
    requests.push(request);
    handle(request, response);
  });
  await new Promise<void>((resolve) => (typeof at === 'string' ? server.listen(at, resolve) : server.listen(at, '127.0.0.1', resolve)));
  const address = server.address();
  const port = typeof address === 'object' ? (address as AddressInfo).port : 0;
  return {
    host: `127.0.0.1:${port}`,
    port,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
