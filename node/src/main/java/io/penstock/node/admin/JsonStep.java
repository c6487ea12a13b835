package io.penstock.node.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;

/** Writes a part of a document. */
@FunctionalInterface
interface JsonStep {

  void write(JsonGenerator json) throws IOException;
}
