/**
 * The requests of groups. A handler here checks what can be checked without the group, and brings
 * the rest to the shard that answers for it, through {@link
 * io.penstock.node.group.GroupCoordinators}; what the group does with it is in the group's own
 * package.
 */
@NullMarked
package io.penstock.node.api.group;

import org.jspecify.annotations.NullMarked;
