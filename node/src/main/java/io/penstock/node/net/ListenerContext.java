package io.penstock.node.net;

import io.penstock.node.net.receive.MemoryBudget;

/** What all connections of a listener share. */
record ListenerContext(
    ServerSettings settings,
    RequestDispatcher dispatcher,
    MemoryBudget budget,
    NetMetrics metrics) {}
