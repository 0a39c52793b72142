/** The Markdown files of the project as a site of HTML pages, whose links are checked. */
package io.tacet.docs;
