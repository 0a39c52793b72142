package io.tacet.cuda.internal;

import org.bytedeco.javacpp.annotation.Platform;
import org.bytedeco.javacpp.annotation.Properties;
import org.bytedeco.javacpp.tools.Info;
import org.bytedeco.javacpp.tools.InfoMap;
import org.bytedeco.javacpp.tools.InfoMapper;

/**
 * Tells JavaCPP how the C headers become the class {@code Tacet}. Addresses are {@code long}, so a
 * call makes no garbage: {@code float*}, {@code int32_t*}, {@code void*} and handles all map to
 * {@code long}; {@code tacet_value*}, which a call fills, to {@code long[]}; {@code tacet_buffer*}
 * to a direct buffer.
 *
 * <p>A new folder of operations adds its header to {@code include}; a new element type adds a line
 * to {@link #map}.
 */
@Properties(
    value =
        @Platform(
            include = {
              "tacet.h",
              "tacet_pattern.h",
              "tacet_propagate.h",
              "tacet_eliminate.h",
              "tacet_simulation.h",
              "tacet_eventprop.h",
              "tacet_grid.h",
              "tacet_optim.h",
              "tacet_dense.h",
              "tacet_egru.h",
              "tacet_rnn.h",
              "tacet_rewire.h",
              "tacet_plasticity.h",
              "tacet_ceilings.h"
            },
            link = "tacet",
            library = "jnitacet"),
    target = "io.tacet.cuda.internal.Tacet")
public class TacetBinding implements InfoMapper {

  @Override
  public void map(InfoMap infoMap) {
    infoMap.put(new Info("TACET_API").cppTypes().annotations());
    infoMap.put(new Info("const char").pointerTypes("String"));
    address(infoMap, "void", "void");
    address(infoMap, "float", "float");
    address(infoMap, "double", "double");
    address(infoMap, "int16_t", "short");
    address(infoMap, "uint16_t", "short");
    address(infoMap, "int32_t", "int");
    address(infoMap, "uint32_t", "int");
    address(infoMap, "int64_t", "long");
    address(infoMap, "uint64_t", "long");
    infoMap.put(new Info("tacet_context").skip().pointerTypes("@Cast(\"tacet_context*\") long"));
    infoMap.put(new Info("tacet_cublas").skip().pointerTypes("@Cast(\"tacet_cublas*\") long"));
    infoMap.put(
        new Info("tacet_value").valueTypes("long").pointerTypes("@Cast(\"tacet_value*\") long[]"));
    for (String words :
        new String[] {
          "tacet_synapses",
          "tacet_lif",
          "tacet_events",
          "tacet_gradients",
          "tacet_variant",
          "tacet_variant_gradients",
          "tacet_rows",
          "tacet_lists",
          "tacet_slots",
          "tacet_simulation",
          "tacet_grid",
          "tacet_pattern",
          "tacet_egru_layer",
          "tacet_egru_sequence",
          "tacet_egru_outputs",
          "tacet_egru_tape",
          "tacet_egru_errors",
          "tacet_egru_gradients",
          "tacet_wiring",
          "tacet_companion",
          "tacet_factors",
          "tacet_update",
          "tacet_array"
        }) {
      infoMap.put(new Info(words).skip().pointerTypes("@Cast(\"const " + words + "*\") long[]"));
    }
    infoMap.put(
        new Info("tacet_buffer")
            .skip()
            .pointerTypes("@Cast(\"tacet_buffer*\") java.nio.ByteBuffer"));
  }

  private static void address(InfoMap infoMap, String type, String value) {
    infoMap.put(new Info(type).valueTypes(value).pointerTypes("@Cast(\"" + type + "*\") long"));
  }
}
