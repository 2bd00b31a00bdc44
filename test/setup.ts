// No test may reach real AWS or real instance metadata: unless a test names a loopback server of its own,
// every endpoint is a loopback port on which nothing listens.
const CLOSED = 'http://127.0.0.1:9';

Object.assign(process.env, {
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_REGION: 'eu-west-1',
  AWS_ENDPOINT_URL: CLOSED,
  AWS_ENDPOINT_URL_S3: CLOSED,
  AWS_EC2_METADATA_SERVICE_ENDPOINT: CLOSED,
  AWS_CONFIG_FILE: '/nonexistent/aws-config',
  AWS_SHARED_CREDENTIALS_FILE: '/nonexistent/aws-credentials',
});
