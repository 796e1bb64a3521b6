declare module "@citation-js/core";
declare module "@citation-js/plugin-bibtex";
declare module "@citation-js/plugin-csl";
declare module "markdown-it-footnote";
