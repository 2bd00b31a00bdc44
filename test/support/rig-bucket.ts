import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { Rig } from './rig.ts';

/** The text of an object of the rig's bucket, past the proxy; null when there is none. */
export async function readObject(rig: Rig, key: string): Promise<string | null> {
  try {
    const { Body } = await rig.s3.client.send(new GetObjectCommand({ Bucket: rig.bucket, Key: key }));
    return (await Body?.transformToString()) ?? null;
  } catch (error) {
    if ((error as Error).name === 'NoSuchKey') return null;
    throw error;
  }
}

export async function writeObject(rig: Rig, key: string, text: string): Promise<void> {
  await rig.s3.client.send(new PutObjectCommand({ Bucket: rig.bucket, Key: key, Body: text }));
}
