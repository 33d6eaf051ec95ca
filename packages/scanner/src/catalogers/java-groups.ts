/*
 * Maven groups of well-known jars that are built without Maven (Gradle, Ant) and so carry no
 * pom.properties, or whose manifests mislead. Coordinates are as published on Maven Central.
 */

/** Artifact to group. */
const EXACT = new Map<string, string>([
  ['activation', 'javax.activation'],
  ['ant', 'org.apache.ant'],
  ['ant-launcher', 'org.apache.ant'],
  ['antlr', 'antlr'],
  ['aopalliance', 'aopalliance'],
  ['asm', 'org.ow2.asm'],
  ['asm-analysis', 'org.ow2.asm'],
  ['asm-commons', 'org.ow2.asm'],
  ['asm-tree', 'org.ow2.asm'],
  ['asm-util', 'org.ow2.asm'],
  ['aspectjrt', 'org.aspectj'],
  ['aspectjweaver', 'org.aspectj'],
  ['byte-buddy', 'net.bytebuddy'],
  ['cglib', 'cglib'],
  ['cglib-nodep', 'cglib'],
  ['commons-compress', 'org.apache.commons'],
  ['commons-configuration2', 'org.apache.commons'],
  ['commons-collections4', 'org.apache.commons'],
  ['commons-csv', 'org.apache.commons'],
  ['commons-dbcp2', 'org.apache.commons'],
  ['commons-exec', 'org.apache.commons'],
  ['commons-fileupload2', 'org.apache.commons'],
  ['commons-lang3', 'org.apache.commons'],
  ['commons-math3', 'org.apache.commons'],
  ['commons-pool2', 'org.apache.commons'],
  ['commons-text', 'org.apache.commons'],
  ['derby', 'org.apache.derby'],
  ['dom4j', 'org.dom4j'],
  ['gson', 'com.google.code.gson'],
  ['guava', 'com.google.guava'],
  ['guice', 'com.google.inject'],
  ['h2', 'com.h2database'],
  ['hsqldb', 'org.hsqldb'],
  ['httpclient', 'org.apache.httpcomponents'],
  ['httpcore', 'org.apache.httpcomponents'],
  ['javassist', 'org.javassist'],
  ['javax.inject', 'javax.inject'],
  ['jdom', 'org.jdom'],
  ['jdom2', 'org.jdom'],
  ['json', 'org.json'],
  ['json-path', 'com.jayway.jsonpath'],
  ['json-smart', 'net.minidev'],
  ['jsch', 'com.jcraft'],
  ['jsoup', 'org.jsoup'],
  ['jsr305', 'com.google.code.findbugs'],
  ['kotlin-reflect', 'org.jetbrains.kotlin'],
  ['kotlin-stdlib', 'org.jetbrains.kotlin'],
  ['log4j', 'log4j'],
  ['lz4-java', 'org.lz4'],
  ['mariadb-java-client', 'org.mariadb.jdbc'],
  ['mssql-jdbc', 'com.microsoft.sqlserver'],
  ['mysql-connector-j', 'com.mysql'],
  ['mysql-connector-java', 'mysql'],
  ['ojdbc8', 'com.oracle.database.jdbc'],
  ['okhttp', 'com.squareup.okhttp3'],
  ['okio', 'com.squareup.okio'],
  ['oro', 'oro'],
  ['ognl', 'ognl'],
  ['postgresql', 'org.postgresql'],
  ['protobuf-java', 'com.google.protobuf'],
  ['quartz', 'org.quartz-scheduler'],
  ['rhino', 'org.mozilla'],
  ['scala-compiler', 'org.scala-lang'],
  ['scala-library', 'org.scala-lang'],
  ['scala-reflect', 'org.scala-lang'],
  ['serializer', 'xalan'],
  ['shiro-core', 'org.apache.shiro'],
  ['snakeyaml', 'org.yaml'],
  ['snappy-java', 'org.xerial.snappy'],
  ['sqlite-jdbc', 'org.xerial'],
  ['stax2-api', 'org.codehaus.woodstox'],
  ['velocity', 'org.apache.velocity'],
  ['woodstox-core', 'com.fasterxml.woodstox'],
  ['xalan', 'xalan'],
  ['xercesImpl', 'xerces'],
  ['xmlsec', 'org.apache.santuario'],
  ['xstream', 'com.thoughtworks.xstream'],
  ['zookeeper', 'org.apache.zookeeper'],
]);

/** Start of the artifact to group. The longest start that fits decides, so order does not matter. */
const PREFIXES: readonly (readonly [string, string])[] = [
  ['bcjmail-', 'org.bouncycastle'],
  ['bcmail-', 'org.bouncycastle'],
  ['bcpg-', 'org.bouncycastle'],
  ['bcpkix-', 'org.bouncycastle'],
  ['bcprov-', 'org.bouncycastle'],
  ['bctls-', 'org.bouncycastle'],
  ['bcutil-', 'org.bouncycastle'],
  ['grpc-', 'io.grpc'],
  ['groovy-', 'org.codehaus.groovy'],
  ['guice-', 'com.google.inject.extensions'],
  ['hibernate-', 'org.hibernate'],
  ['hibernate-validator', 'org.hibernate.validator'],
  ['jackson-annotations', 'com.fasterxml.jackson.core'],
  ['jackson-core', 'com.fasterxml.jackson.core'],
  ['jackson-core-asl', 'org.codehaus.jackson'],
  ['jackson-databind', 'com.fasterxml.jackson.core'],
  ['jackson-dataformat-', 'com.fasterxml.jackson.dataformat'],
  ['jackson-datatype-', 'com.fasterxml.jackson.datatype'],
  ['jackson-mapper-asl', 'org.codehaus.jackson'],
  ['jackson-module-', 'com.fasterxml.jackson.module'],
  ['jetty-', 'org.eclipse.jetty'],
  ['kafka-clients', 'org.apache.kafka'],
  ['kafka_', 'org.apache.kafka'],
  ['log4j-', 'org.apache.logging.log4j'],
  ['logback-', 'ch.qos.logback'],
  ['lucene-', 'org.apache.lucene'],
  ['micrometer-', 'io.micrometer'],
  ['netty-', 'io.netty'],
  ['opentelemetry-', 'io.opentelemetry'],
  ['reactor-', 'io.projectreactor'],
  ['reactor-netty', 'io.projectreactor.netty'],
  ['slf4j-', 'org.slf4j'],
  ['solr-', 'org.apache.solr'],
  ['spring-', 'org.springframework'],
  ['spring-batch-', 'org.springframework.batch'],
  ['spring-boot', 'org.springframework.boot'],
  ['spring-cloud-', 'org.springframework.cloud'],
  ['spring-cloud-function-', 'org.springframework.cloud'],
  ['spring-data-', 'org.springframework.data'],
  ['spring-hateoas', 'org.springframework.hateoas'],
  ['spring-integration-', 'org.springframework.integration'],
  ['spring-kafka', 'org.springframework.kafka'],
  ['spring-ldap-', 'org.springframework.ldap'],
  ['spring-plugin-', 'org.springframework.plugin'],
  ['spring-rabbit', 'org.springframework.amqp'],
  ['spring-amqp', 'org.springframework.amqp'],
  ['spring-retry', 'org.springframework.retry'],
  ['spring-security-', 'org.springframework.security'],
  ['spring-session-', 'org.springframework.session'],
  ['spring-webflow', 'org.springframework.webflow'],
  ['spring-ws-', 'org.springframework.ws'],
  ['struts2-', 'org.apache.struts'],
  ['tomcat-embed-', 'org.apache.tomcat.embed'],
  ['undertow-', 'io.undertow'],
];

/** Jars of Tomcat's own `lib` folder whose artifact is not `tomcat-` and their file name. */
const TOMCAT_JARS = new Map<string, string>([
  ['catalina-ant', 'tomcat-catalina-ant'],
  ['catalina-ha', 'tomcat-catalina-ha'],
  ['catalina-ssi', 'tomcat-ssi'],
  ['catalina-storeconfig', 'tomcat-storeconfig'],
  ['catalina-tribes', 'tomcat-tribes'],
]);

/** The group that an artifact of this name is published under, where that is well known. */
export function wellKnownGroup(artifact: string): string | undefined {
  const exact = EXACT.get(artifact);
  if (exact !== undefined) return exact;
  let best: readonly [string, string] | undefined;
  for (const candidate of PREFIXES) {
    if (artifact.startsWith(candidate[0]) && candidate[0].length > (best?.[0].length ?? 0)) best = candidate;
  }
  return best?.[1];
}

/**
 * Coordinates of one of Tomcat's own jars, by bundle name (`org.apache.tomcat-embed-core`) where it has one,
 * otherwise by file name without version (`catalina`).
 */
export function tomcatCoordinates(baseName: string, bundle: string | undefined): { group: string; artifact: string } {
  const artifact = bundle?.startsWith('org.apache.tomcat-')
    ? bundle.slice('org.apache.'.length)
    : (TOMCAT_JARS.get(baseName) ?? (baseName.startsWith('tomcat-') ? baseName : `tomcat-${baseName}`));
  return { group: wellKnownGroup(artifact) ?? 'org.apache.tomcat', artifact };
}
