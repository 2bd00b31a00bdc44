/** Stand-ins for AWS that answer every call alike, in the protocol of the service that is asked. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** Names of the same thing in the three families of protocols. */
export interface Refusal {
  readonly json: string;
  readonly s3: string;
  readonly query: string;
}

/** Refuses every call with one error. */
export const startRefusingAws = (refusal: Refusal): Promise<string> =>
  start((request, response) => refuse(request, response, refusal));

/** A region in which there is nothing. moto's tagging finds buckets of every region in each. */
export const startEmptyRegion = (): Promise<string> => start(answerEmpty);

async function start(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    request.once('end', () => answer(request, response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function refuse(request: IncomingMessage, response: ServerResponse, refusal: Refusal): void {
  const { headers, method } = request;
  if (headers['x-amz-target'] !== undefined) {
    response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify({ __type: refusal.json, message: 'refused by a stand-in' }));
    return;
  }
  const error = (code: string) =>
    `<Error><Code>${code}</Code><Message>refused by a stand-in</Message></Error>`;
  response.writeHead(method === 'POST' ? 400 : 403, { 'content-type': 'application/xml' });
  if (method !== 'POST') response.end(error(refusal.s3));
  // EC2 and the older query services each have a frame of their own; a reader of one skips the other.
  else
    response.end(
      isEc2(request)
        ? `<Response><Errors>${error(refusal.query)}</Errors></Response>`
        : `<ErrorResponse>${error(refusal.query)}</ErrorResponse>`,
    );
}

const isEc2 = ({ headers }: IncomingMessage): boolean =>
  /\/ec2\/aws4_request/.test(String(headers.authorization));

function answerEmpty(request: IncomingMessage, response: ServerResponse): void {
  if (request.headers['x-amz-target'] !== undefined) {
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify({ ResourceTagMappingList: [] }));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/xml' });
  response.end(
    isEc2(request)
      ? '<DescribeInstancesResponse><reservationSet/></DescribeInstancesResponse>'
      : '<DescribeTagsResponse><DescribeTagsResult><Tags/></DescribeTagsResult></DescribeTagsResponse>',
  );
}
