import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export type Answer = (request: IncomingMessage, response: ServerResponse, visit: number) => void;

export interface Server {
  /** Base address, ends with a slash. */
  readonly url: string;
  /** 'path' or 'path range' of every request. */
  readonly requests: string[];
  close(): Promise<void>;
}

/** A web server on this machine for one test; `visit` counts the requests for one path from 1. */
export async function startServer(answer: Answer): Promise<Server> {
  const requests: string[] = [];
  const visits = new Map<string, number>();
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    requests.push([path, request.headers.range].filter(Boolean).join(' '));
    const visit = (visits.get(path) ?? 0) + 1;
    visits.set(path, visit);
    answer(request, response, visit);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(close);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, requests, close };
}

/** Sends the file of the request's last path element, or 404. */
export function sendFile(files: Readonly<Record<string, Uint8Array>>): Answer {
  return (request, response) => {
    const body = files[(request.url ?? '').split('/').at(-1)!];
    if (body) response.writeHead(200, { 'content-length': body.length }).end(body);
    else response.writeHead(404).end('not here');
  };
}
