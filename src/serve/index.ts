export { Download, demo, type Demo, type DemoContext, type DemoDefinition, type DemoOption, type DemoRequest, type Route } from "./demo.js";
export { demos } from "./demos/registry.js";
export { Fields } from "./fields.js";
export { sendPicture, type SentPicture } from "./picture.js";
export { serveDemo, usualPort, type DemoServer, type ServeOptions } from "./server.js";
