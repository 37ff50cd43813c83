// Only what the pages draw: lines, bars, flows. SVG renderer: sharp on paper and in print, readable without canvas.
import * as echarts from "echarts/core";
import { BarChart, LineChart, SankeyChart } from "echarts/charts";
import { AriaComponent, GridComponent, TooltipComponent } from "echarts/components";
import { SVGRenderer } from "echarts/renderers";
echarts.use([BarChart, LineChart, SankeyChart, AriaComponent, GridComponent, TooltipComponent, SVGRenderer]);
export const init = echarts.init;
