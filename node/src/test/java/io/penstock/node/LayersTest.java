package io.penstock.node;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/**
 * Holds the modules and packages to what they may depend on. Each rule is one sentence of the
 * module map in README.md; change the rule and the sentence together. A rule whose package has no
 * class yet passes, because the rooms are planned before they are furnished.
 */
final class LayersTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .withImportOption(LayersTest::isNotATestJar)
          .importPackages("io.penstock");

  private static final String[] JDK_AND_NULL_MARKS = {"java..", "org.jspecify.."};

  /** What a module may use of other modules and of other people's code, wherever in the module. */
  private static final Map<String, List<String>> ALLOWED_IN_MODULE =
      Map.of(
          "storage", List.of("org.slf4j..", "com.codahale.metrics.."),
          "replication",
              List.of(
                  "io.penstock.storage..",
                  "org.slf4j..",
                  "com.codahale.metrics..",
                  "org.apache.ratis..",
                  "com.fasterxml.jackson.."),
          "client",
              List.of(
                  "org.slf4j..",
                  "io.netty..",
                  "org.apache.kafka..",
                  "picocli..",
                  "com.fasterxml.jackson..",
                  "org.HdrHistogram.."),
          "node",
              List.of(
                  "io.penstock.storage..",
                  "io.penstock.replication..",
                  "io.penstock.client..",
                  "org.slf4j..",
                  "com.codahale.metrics..",
                  "io.netty..",
                  "org.apache.kafka..",
                  "com.google.re2j..",
                  "picocli..",
                  "com.fasterxml.jackson.."));

  /** Where in our code a library may be seen. Elsewhere it is hidden behind our own types. */
  private static final Map<String, List<String>> ONLY_SEEN_IN =
      Map.of(
          "org.apache.ratis..", List.of("io.penstock.replication.raft.."),
          "com.fasterxml.jackson..",
              List.of(
                  "io.penstock.replication..codec..",
                  "io.penstock.client.cli..",
                  "io.penstock.node.config..",
                  "io.penstock.node.admin.."),
          "io.netty..",
              List.of(
                  "io.penstock.client.wire..",
                  "io.penstock.client.net..",
                  "io.penstock.node.net..",
                  "io.penstock.node.admin.http..",
                  "io.penstock.node.tls.."),
          "org.apache.kafka..",
              List.of(
                  "io.penstock.client..",
                  "io.penstock.node.net..",
                  "io.penstock.node.api..",
                  "io.penstock.node.group..",
                  "io.penstock.node.peer..",
                  "io.penstock.node.replica.."),
          "com.google.re2j..", List.of("io.penstock.node.group.consumer.."),
          "picocli..", List.of("io.penstock.client.cli..", "io.penstock.node"));

  /**
   * The part of Kafka's protocol package that handlers work with; the rest is for reading and
   * writing bytes.
   */
  private static final List<String> KAFKA_PROTOCOL_FOR_ALL =
      List.of(
          "org.apache.kafka.common.protocol.ApiKeys",
          "org.apache.kafka.common.protocol.ApiMessage",
          "org.apache.kafka.common.protocol.Errors",
          "org.apache.kafka.common.protocol.Message");

  private static final String[] PURE = {
    "io.penstock.replication.leadership..", "io.penstock.replication.metadata.."
  };

  @Test
  void modulesDependOnlyOnWhatTheirRowAllows() {
    ALLOWED_IN_MODULE.forEach((module, allowed) -> {
      String own = "io.penstock." + module + "..";
      check(
          classes()
              .that()
              .resideInAPackage(own)
              .should()
              .onlyDependOnClassesThat(
                  resideInAnyPackage(JDK_AND_NULL_MARKS)
                      .or(resideInAPackage(own))
                      .or(resideInAnyPackage(allowed.toArray(String[]::new)))));
    });
  }

  @Test
  void librariesAreSeenOnlyWhereTheyAreWrapped() {
    ONLY_SEEN_IN.forEach((library, places) ->
        check(
            noClasses()
                .that()
                .resideOutsideOfPackages(places.toArray(String[]::new))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library)));
  }

  @Test
  void kafkasRecordAndProtocolInternalsAreSeenOnlyInTheWirePackage() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage("io.penstock.client.wire..")
            .should()
            .dependOnClassesThat(
                resideInAnyPackage(
                        "org.apache.kafka.common.record..", "org.apache.kafka.common.protocol..")
                    .and(not(named(KAFKA_PROTOCOL_FOR_ALL)))
                    .and(not(simpleName("BaseRecords")))));
  }

  /** Of Kafka's coordinator only the messages are used that say how its records are written. */
  @Test
  void theFormatOfGroupRecordsIsSeenOnlyInItsPackage() {
    String coordinator = "org.apache.kafka.coordinator..";
    String format = "org.apache.kafka.coordinator.group.generated..";
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage("io.penstock.node.group.record..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(coordinator));
    check(
        noClasses()
            .should()
            .dependOnClassesThat(resideInAPackage(coordinator).and(not(resideInAPackage(format)))));
  }

  @Test
  void packagesFormNoCycle() {
    check(slices().matching("io.penstock.(**)").should().beFreeOfCycles());
  }

  @Test
  void theRaftHostKnowsNoneOfItsGroups() {
    check(
        noClasses()
            .that()
            .resideInAPackage("io.penstock.replication.raft..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(PURE));
  }

  @Test
  void storageAndReplicationOpenNoSockets() {
    check(
        noClasses()
            .that()
            .resideInAnyPackage("io.penstock.storage..", "io.penstock.replication..")
            .should()
            .dependOnClassesThat(
                resideInAPackage("java.net..")
                    .and(simpleNameEndingWith("Socket"))
                    .or(resideInAPackage("java.nio.channels..").and(simpleNameContaining("Socket")))
                    .or(resideInAPackage("java.net.http.."))));
  }

  @Test
  void rulesTouchNoOutsideWorldAndNoThread() {
    check(
        noClasses()
            .that(areTheRules())
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                "java.io..",
                "java.net..",
                "java.nio.file..",
                "java.nio.channels..",
                "java.util.concurrent..",
                "java.util.random..",
                "java.security..",
                "org.slf4j..",
                "com.codahale.metrics.."));
    check(
        noClasses()
            .that(areTheRules())
            .should()
            .dependOnClassesThat()
            .belongToAnyOf(
                Thread.class, ThreadLocal.class, Random.class, Clock.class, Runtime.class));
  }

  @Test
  void rulesReadNoClockAndMakeNoRandomness() {
    check(
        noClasses()
            .that(areTheRules())
            .should()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(UUID.class, "randomUUID")
            .orShould()
            .callMethod(Math.class, "random")
            .orShould()
            .callMethod(ThreadLocalRandom.class, "current"));
  }

  /** A thread's own scratch space (ThreadLocal) is no state, and is allowed. */
  @Test
  void staticStateDoesNotChange() {
    check(fields().that().areStatic().should().beFinal());
    check(
        fields()
            .that()
            .areStatic()
            .should()
            .notHaveRawType(
                resideInAnyPackage("java.util.concurrent.atomic..")
                    .or(simpleName("ConcurrentHashMap"))
                    .or(simpleName("HashMap"))
                    .or(simpleName("ArrayList"))
                    .as("made to be changed")));
  }

  @Test
  void everyPackageIsNullMarked() {
    List<String> unmarked =
        packagesWithClasses(CLASSES.getDefaultPackage()).stream()
            .filter(each -> !each.isAnnotatedWith(NullMarked.class))
            .map(JavaPackage::getName)
            .sorted()
            .toList();
    assertEquals(List.of(), unmarked, "packages without @NullMarked, which NullAway skips");
  }

  private static Collection<JavaPackage> packagesWithClasses(JavaPackage root) {
    return root.getSubpackagesInTree().stream()
        .filter(each -> each.getName().startsWith("io.penstock") && !each.getClasses().isEmpty())
        .toList();
  }

  /**
   * The codecs turn commands into bytes and back; they are next to the rules but not part of them.
   */
  private static DescribedPredicate<JavaClass> areTheRules() {
    return resideInAnyPackage(PURE).and(not(resideInAPackage("..codec..")));
  }

  private static DescribedPredicate<JavaClass> named(List<String> names) {
    return DescribedPredicate.describe("named " + names, each -> names.contains(each.getName()));
  }

  private static DescribedPredicate<JavaClass> simpleName(String name) {
    return JavaClass.Predicates.simpleName(name);
  }

  private static DescribedPredicate<JavaClass> simpleNameEndingWith(String suffix) {
    return JavaClass.Predicates.simpleNameEndingWith(suffix);
  }

  private static DescribedPredicate<JavaClass> simpleNameContaining(String infix) {
    return JavaClass.Predicates.simpleNameContaining(infix);
  }

  private static boolean isNotATestJar(Location location) {
    return !location.contains("-tests.jar");
  }

  private static void check(ArchRule rule) {
    rule.allowEmptyShould(true).check(CLASSES);
  }
}
