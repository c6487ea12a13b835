/**
 * What an operator may set. {@link io.penstock.node.config.NodeConfig} is the tree, with the
 * default of every setting; {@code NodeConfigReader} fills it from {@code penstock.yaml}. A file is
 * read strictly: every unknown key, wrong unit and impossible value is reported with its line and
 * what to write instead, all of them at once, before anything is started.
 */
@NullMarked
package io.penstock.node.config;

import org.jspecify.annotations.NullMarked;
