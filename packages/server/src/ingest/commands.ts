/** The image that deploy/Dockerfile makes, as the commands name it. */
const imageOf = (version: string) => `plimsoll:${version}`;
/** Where it keeps what must survive. */
const STATE = '/var/lib/plimsoll';
const DOCKER_SOCKET = '/var/run/docker.sock';
const CONTAINERD_SOCKET = '/run/containerd/containerd.sock';

/**
 * The commands by which a sensor is added, ready to be copied into a shell. The token is in the environment: arguments
 * are seen by all users of a machine.
 * @param server address for sensors; must be safe within single quotes, see `serverAddress`
 */
export function sensorCommands(server: string, token: string, version: string): { title: string; command: string }[] {
  const docker = (more: string[], args = '') =>
    [
      'docker run -d --name plimsoll-sensor --restart unless-stopped',
      '--read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges',
      // Who may use the socket. On Docker Desktop and with rootless Docker it belongs to root's group.
      `--group-add "$(stat -c %g ${DOCKER_SOCKET} 2>/dev/null || echo 0)"`,
      `-v ${DOCKER_SOCKET}:${DOCKER_SOCKET} -v plimsoll-sensor:${STATE}`,
      `-e PLIMSOLL_SERVER='${server}' -e PLIMSOLL_TOKEN='${token}'`,
      ...more,
      `${imageOf(version)} sensor${args}`,
    ].join(' \\\n  ');
  return [
    { title: 'As a process', command: `PLIMSOLL_TOKEN='${token}' npx plimsoll sensor --server '${server}'` },
    { title: 'As a container', command: docker([]) },
    { title: 'As a container that sees the host’s own packages too', command: docker(['-v /:/host:ro'], ' --host-root /host') },
    { title: 'On each node of a Kubernetes cluster', command: `kubectl apply -f - <<'END'\n${daemonSet(server, token, imageOf(version))}END` },
  ];
}

/**
 * As deploy/sensor/daemonset.yaml, which says why each is given, and with the token. JSON within YAML quotes whatever is
 * in the values.
 */
function daemonSet(server: string, token: string, image: string): string {
  return `apiVersion: v1
kind: Namespace
metadata: {name: plimsoll}
---
apiVersion: v1
kind: Secret
metadata: {name: plimsoll-sensor, namespace: plimsoll}
stringData: {token: ${JSON.stringify(token)}}
---
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: plimsoll-sensor
  namespace: plimsoll
  labels: {app.kubernetes.io/name: plimsoll-sensor}
spec:
  selector:
    matchLabels: {app.kubernetes.io/name: plimsoll-sensor}
  updateStrategy:
    rollingUpdate: {maxUnavailable: 10%}
  template:
    metadata:
      labels: {app.kubernetes.io/name: plimsoll-sensor}
    spec:
      automountServiceAccountToken: false
      enableServiceLinks: false
      nodeSelector: {kubernetes.io/os: linux}
      tolerations: [{operator: Exists}]
      containers:
        - name: sensor
          image: ${JSON.stringify(image)}
          args: [sensor, --host-root, /host, --engine, ${CONTAINERD_SOCKET}]
          env:
            - {name: PLIMSOLL_SERVER, value: ${JSON.stringify(server)}}
            - name: PLIMSOLL_TOKEN
              valueFrom: {secretKeyRef: {name: plimsoll-sensor, key: token}}
            - name: NODE_NAME
              valueFrom: {fieldRef: {fieldPath: spec.nodeName}}
          securityContext:
            runAsUser: 0
            readOnlyRootFilesystem: true
            allowPrivilegeEscalation: false
            capabilities: {drop: [ALL]}
            seccompProfile: {type: RuntimeDefault}
          resources:
            requests: {cpu: 20m, memory: 128Mi}
            limits: {memory: 2Gi}
          volumeMounts:
            - {name: socket, mountPath: ${CONTAINERD_SOCKET}}
            - {name: state, mountPath: ${STATE}}
            - {name: tmp, mountPath: /tmp}
            - {name: host, mountPath: /host, readOnly: true, mountPropagation: HostToContainer}
      volumes:
        - name: socket
          hostPath: {path: ${CONTAINERD_SOCKET}, type: Socket}
        - name: state
          hostPath: {path: /var/lib/plimsoll-sensor, type: DirectoryOrCreate}
        - name: tmp
          emptyDir: {sizeLimit: 4Gi}
        - name: host
          hostPath: {path: /}
`;
}

const HOST = /^(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:]{2,45}\])(?::\d{1,5})?$/;

/**
 * Where sensors find the server: as it was told, else as the caller found it. A Host header may hold anything, and
 * this goes into a shell: only what can be a host is taken.
 */
export function serverAddress(config: { publicUrl?: string; host: string; port: number }, request: { protocol: string; host: string }): string {
  if (config.publicUrl !== undefined && !/['\s\\]/.test(config.publicUrl)) return config.publicUrl;
  const host = HOST.test(request.host) ? request.host : `${config.host}:${config.port}`;
  return `${request.protocol === 'https' ? 'https' : 'http'}://${host}`;
}
