/** What the image must show when it is started, once it was baked. */
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Status } from '../../../agent/core/status.ts';
import type { BakeRig } from '../../support/bake-rig.ts';
import { createBootedImage, renderUserData, STAND_IN_HOME } from '../../support/booted-image.ts';
import { startCloudFormationStub } from '../../support/cloudformation-stub.ts';
import { createFaultProxy } from '../../support/fault-proxy.ts';
import type { Instance } from '../../support/instance.ts';
import { startLaunchStub } from '../../support/instance-stubs.ts';
import { report } from '../../support/report-figure.ts';
import { createBucketStore, syncFiles } from '../../support/rig-source.ts';
import { until } from '../../support/until.ts';

const LOG_GROUP = '/datomic-gateway/acme';

export function testBoot(get: () => { readonly rig: BakeRig; readonly instance: Instance }): void {
  describe('the image, started as EC2 would start it', () => {
    const BUCKET = 'image-bucket';
    const condition = (status: Status, type: string) => status.conditions.find((each) => each.type === type);

    it('is READY without S3 and metadata, is set up by user data that comes late, and serves with the real engine', async () => {
      const { rig, instance } = get();
      const image = createBootedImage(instance);
      const [launch, stack] = [await startLaunchStub(), await startCloudFormationStub(200, '')];
      const proxy = await createFaultProxy({ target: rig.moto.endpoint });
      onTestFinished(() => proxy.close());
      await proxy.refuse();
      const s3 = createBucketStore({ endpoint: rig.moto.endpoint, bucket: BUCKET, system: 'acme' });
      await s3.create();
      await image.connect({
        AWS_ENDPOINT_URL_S3: proxy.url,
        AWS_ENDPOINT_URL_CLOUDFORMATION: stack.url,
        AWS_EC2_METADATA_SERVICE_ENDPOINT: launch.url,
      });
      await instance.boot();

      const alone = await image.waitFor(() => true);
      expect((await instance.show('gateway-agent.service', 'ActiveState')).ActiveState).toBe('active');
      expect(condition(alone, 'Healthy')?.reason).toBe('NoConfiguration');
      expect(alone.system).toBeNull();
      const shipper = () => instance.show('amazon-cloudwatch-agent.service', 'ActiveState', 'MemoryMax');
      expect(await shipper()).toMatchObject({ ActiveState: 'inactive' });
      report('start of the unit to READY', (await image.readyMs()) / 1_000, 's');

      const userData = JSON.parse(
        await renderUserData({
          System: 'acme',
          'AWS::Region': 'eu-west-1',
          'AWS::StackId': 'arn:aws:cloudformation:eu-west-1:123456789012:stack/gateway/1',
          Bucket: BUCKET,
          Group: 'auto',
          LogGroupName: LOG_GROUP,
        }),
      );
      // The engine at hand has no Datomic connector.
      Object.assign(userData.settings, { 'gate.connectors': ['tpch'], 'restart.stable': '1s' });
      launch.answer({ userData: JSON.stringify(userData), isThere: true });
      const away = await image.waitFor(({ system }) => system === 'acme');
      expect(condition(away, 'SourceReachable')?.status).not.toBe('True');
      expect(await shipper()).toEqual({ ActiveState: 'active', MemoryMax: String(256 * 2 ** 20) });
      const told = async () => await instance.journal('amazon-cloudwatch-agent');
      await until(async () => (await told()).includes(`"log_group_name": "${LOG_GROUP}"`), {
        timeoutMs: 10_000,
        describe: () => 'the CloudWatch agent to be told its log group',
      });
      await until(() => stack.bodies.length > 0, {
        timeoutMs: 60_000,
        describe: () => 'a signal to the stack',
      });
      expect(Object.fromEntries(stack.bodies[0] ?? [])).toMatchObject({
        StackName: userData.signal.stack,
        LogicalResourceId: 'BastionAutoScalingGroup',
        UniqueId: 'i-0abc',
        Status: 'SUCCESS',
      });

      await syncFiles(s3, 'acme', { 'catalog/sample.properties': 'connector.name=tpch\n' }, {});
      await proxy.accept();
      const served = await image.waitFor(({ analytics, proven }) => analytics.serving && proven !== null);
      expect(served.analytics.engine).toBe('PrestoSQL 350');
      expect(condition(served, 'Healthy')?.status).toBe('True');
    });

    it('serves with the stand-in engine after another start', async () => {
      const { instance } = get();
      const image = createBootedImage(instance);
      const settings = JSON.parse((await instance.read('/etc/datomic-gateway/agent.json')) ?? '');
      await instance.powerOff();
      await image.installStandIn();
      Object.assign(settings, {
        'source.uri': 'file:///etc/datomic-gateway/source',
        source: undefined,
        'source.settle': '1s',
        'analytics.engine': 'stand-in',
        'analytics.command': ['/opt/datomic/gateway/bin/node', `${STAND_IN_HOME}/engine.mjs`],
      });
      await instance.write('/etc/datomic-gateway/agent.json', JSON.stringify(settings));
      await instance.write('/etc/datomic-gateway/source/catalog/sample.properties', 'connector.name=tpch\n');
      await instance.boot();
      const served = await image.waitFor(({ analytics, proven }) => analytics.serving && proven !== null);
      expect(condition(served, 'Healthy')?.status).toBe('True');
      expect(served.analytics.engine).toContain('stand-in');
    });
  });
}
