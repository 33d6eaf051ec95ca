import { Client, credentials, makeGenericClientConstructor, Metadata, type ServiceDefinition } from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';

/**
 * The messages of the Kubernetes Container Runtime Interface that are used here, with the field numbers of its
 * public definition. Fields that are not named are skipped when read.
 * @see https://github.com/kubernetes/cri-api (pkg/apis/runtime/v1/api.proto)
 * And of containerd's own interface the one question that CRI has no answer to.
 * @see https://github.com/containerd/containerd (api/services/images/v1/images.proto)
 */
const field = (id: number, type: string) => ({ id, type });
const many = (id: number, type: string) => ({ id, type, rule: 'repeated' });
const map = (id: number) => ({ id, type: 'string', keyType: 'string' });
const message = (fields: Record<string, { id: number; type: string; rule?: string; keyType?: string }>) => ({ fields });
const call = (requestType: string, responseType: string) => ({ requestType, responseType, comment: '' });

const DEFINITION = fromJSON(
  {
    nested: {
      runtime: { nested: { v1: { nested: {
        VersionRequest: message({ version: field(1, 'string') }),
        VersionResponse: message({ runtimeName: field(2, 'string'), runtimeVersion: field(3, 'string') }),
        StatusRequest: message({ verbose: field(1, 'bool') }),
        StatusResponse: message({ info: map(2) }),
        Metadata: message({ name: field(1, 'string') }),
        ImageSpec: message({ image: field(1, 'string') }),
        Mount: message({ containerPath: field(1, 'string'), hostPath: field(2, 'string'), readonly: field(3, 'bool') }),
        ListContainersRequest: message({}),
        Container: message({ id: field(1, 'string'), metadata: field(3, 'Metadata'), image: field(4, 'ImageSpec'), state: field(6, 'int32') }),
        ListContainersResponse: message({ containers: many(1, 'Container') }),
        ContainerStatusRequest: message({ containerId: field(1, 'string'), verbose: field(2, 'bool') }),
        ContainerStatus: message({
          id: field(1, 'string'), metadata: field(2, 'Metadata'), state: field(3, 'int32'), createdAt: field(4, 'int64'),
          startedAt: field(5, 'int64'), finishedAt: field(6, 'int64'), exitCode: field(7, 'int32'), image: field(8, 'ImageSpec'),
          imageRef: field(9, 'string'), reason: field(10, 'string'), labels: map(12), annotations: map(13), mounts: many(14, 'Mount'), imageId: field(17, 'string'),
        }),
        ContainerStatusResponse: message({ status: field(1, 'ContainerStatus'), info: map(2) }),
        ListImagesRequest: message({}),
        Image: message({ id: field(1, 'string'), repoTags: many(2, 'string'), repoDigests: many(3, 'string'), size: field(4, 'uint64') }),
        ListImagesResponse: message({ images: many(1, 'Image') }),
        RuntimeService: { methods: {
          Version: call('VersionRequest', 'VersionResponse'),
          Status: call('StatusRequest', 'StatusResponse'),
          ListContainers: call('ListContainersRequest', 'ListContainersResponse'),
          ContainerStatus: call('ContainerStatusRequest', 'ContainerStatusResponse'),
        } },
        ImageService: { methods: {
          ListImages: call('ListImagesRequest', 'ListImagesResponse'),
        } },
      } } } },
      containerd: { nested: { services: { nested: { images: { nested: { v1: { nested: {
        GetImageRequest: message({ name: field(1, 'string') }),
        Descriptor: message({ digest: field(2, 'string') }),
        StoredImage: message({ target: field(3, 'Descriptor') }),
        GetImageResponse: message({ image: field(1, 'StoredImage') }),
        Images: { methods: { Get: call('GetImageRequest', 'GetImageResponse') } },
      } } } } } } } },
    },
  },
  { longs: String, defaults: true, arrays: true, objects: true },
);

export const RUNTIME_SERVICE = DEFINITION['runtime.v1.RuntimeService'] as ServiceDefinition;
export const IMAGE_SERVICE = DEFINITION['runtime.v1.ImageService'] as ServiceDefinition;
export const STORE_SERVICE = DEFINITION['containerd.services.images.v1.Images'] as ServiceDefinition;

/** The largest answer: with as many containers as a node can have, and what the runtime says of one in full. */
const MAX_ANSWER = 32 * 1024 * 1024;
const TIMEOUT_MS = 20_000;

export type CriMethod = 'Version' | 'Status' | 'ListContainers' | 'ContainerStatus' | 'ListImages' | 'Get';

/** The part of containerd's data that belongs to Kubernetes. */
const NAMESPACE = 'k8s.io';

/** Calls of the interface over its socket. Answers are plain objects that are not trusted. */
export class CriClient {
  readonly #services: readonly { definition: ServiceDefinition; client: Client }[];

  constructor(socketPath: string) {
    this.#services = [RUNTIME_SERVICE, IMAGE_SERVICE, STORE_SERVICE].map((definition) => {
      const Service = makeGenericClientConstructor(definition, 'cri');
      return { definition, client: new Service(`unix:${socketPath}`, credentials.createInsecure(), { 'grpc.max_receive_message_length': MAX_ANSWER, 'grpc.default_authority': 'localhost' }) };
    });
  }

  /** Errors are those of gRPC, with its status in `code`. */
  call(method: CriMethod, request: object = {}): Promise<unknown> {
    const { definition, client } = this.#services.find((service) => method in service.definition)!;
    const { path, requestSerialize, responseDeserialize } = definition[method]!;
    const metadata = new Metadata();
    metadata.set('containerd-namespace', NAMESPACE);
    return new Promise((resolve, reject) => {
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, metadata, { deadline: Date.now() + TIMEOUT_MS }, (error, answer) => {
        if (error) reject(error);
        else resolve(answer);
      });
    });
  }

  close(): void {
    for (const { client } of this.#services) client.close();
  }
}
