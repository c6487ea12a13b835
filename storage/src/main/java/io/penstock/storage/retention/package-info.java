/**
 * Which segments of a log are old enough to go: {@link
 * io.penstock.storage.retention.RetentionPolicy} decides from values, the log deletes.
 */
@NullMarked
package io.penstock.storage.retention;

import org.jspecify.annotations.NullMarked;
