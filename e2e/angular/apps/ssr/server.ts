import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { AngularNodeAppEngine, createNodeRequestHandler, writeResponseToNodeResponse } from '@angular/ssr/node';

globalThis.apiUrl = process.env['API_URL'];
const engine = new AngularNodeAppEngine();

async function render(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const page = await engine.handle(request);
  if (page) await writeResponseToNodeResponse(page, response);
  else response.writeHead(404).end();
}

/** Renders a page; whoever stands in front serves the files. Angular's builder wants it under this name. */
export const reqHandler = createNodeRequestHandler(render);

// Started by a test, which reads the port; the builder only imports this file.
if (process.env['API_URL'] !== undefined) {
  const server = createServer((request, response) => void render(request, response));
  server.listen(0, '127.0.0.1', () => console.log(JSON.stringify(server.address())));
}
