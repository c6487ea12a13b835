package io.penstock.node.admin;

import com.codahale.metrics.MetricRegistry;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the admin port shows. All of it may be asked from the beginning of the start to the end of
 * the stop, on any thread, and answers at once.
 *
 * @param groups null while the node is no broker, which may be for ever
 */
public record AdminSources(
    int nodeId,
    MetricRegistry metrics,
    Supplier<Readiness> readiness,
    Supplier<@Nullable GroupSources> groups) {}
