/** An application in a module of its own. */
module app {
  requires io.tacet.core;
  requires io.tacet.models;
}
