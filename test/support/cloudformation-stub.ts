import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** Stands in for cloudformation:SignalResource, which moto does not know: answers with this, keeps what it was sent. */
export async function startCloudFormationStub(
  status: number,
  code: string,
): Promise<{ readonly url: string; readonly bodies: readonly URLSearchParams[] }> {
  const bodies: URLSearchParams[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on('end', () => {
      bodies.push(new URLSearchParams(text));
      const result = '<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata>';
      const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>no</Message></Error>`;
      response.writeHead(status, { 'content-type': 'text/xml' });
      response.end(
        status === 200
          ? `<SignalResourceResponse>${result}</SignalResourceResponse>`
          : `<ErrorResponse>${error}</ErrorResponse>`,
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies };
}
