import clojure.java.api.Clojure;
import clojure.lang.BigInt;
import clojure.lang.IFn;
import clojure.lang.IPersistentMap;
import clojure.lang.IPersistentSet;
import clojure.lang.IPersistentVector;
import clojure.lang.ISeq;
import clojure.lang.Keyword;
import clojure.lang.RT;
import clojure.lang.Ratio;
import clojure.lang.Symbol;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Asks the reference readers: a line "edn BASE64" is given to clojure.edn/read-string, a line "properties BASE64" to
 * java.util.Properties.load. The answer is one line, "value BASE64" or "refused BASE64" (why).
 */
public final class Reference {
  private static final IFn READ_STRING = readString();

  private static IFn readString() {
    Clojure.var("clojure.core", "require").invoke(Clojure.read("clojure.edn"));
    return Clojure.var("clojure.edn", "read-string");
  }

  public static void main(String[] args) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.US_ASCII);
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      int blank = line.indexOf(' ');
      byte[] document = Base64.getDecoder().decode(line.substring(blank + 1));
      out.println(answer(line.substring(0, blank), document));
      if (!in.ready()) {
        out.flush();
      }
    }
    out.flush();
  }

  private static String answer(String kind, byte[] document) {
    try {
      return "value " + encode(kind.equals("edn") ? readEdn(document) : readProperties(document));
    } catch (Exception | StackOverflowError problem) {
      return "refused " + encode(String.valueOf(problem));
    }
  }

  private static String encode(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String readEdn(byte[] document) {
    return print(READ_STRING.invoke(new String(document, StandardCharsets.UTF_8)));
  }

  private static String readProperties(byte[] document) throws Exception {
    Properties properties = new Properties();
    properties.load(new ByteArrayInputStream(document));
    StringBuilder text = new StringBuilder();
    for (Map.Entry<Object, Object> entry : new TreeMap<>(properties).entrySet()) {
      text.append(quote((String) entry.getKey())).append('=').append(quote((String) entry.getValue())).append('\n');
    }
    return text.toString();
  }

  /** A notation of its own, in which every type is visible and equal collections look alike. */
  private static String print(Object form) {
    if (form == null || form instanceof Boolean) {
      return String.valueOf(form == null ? "nil" : form);
    }
    if (form instanceof String) {
      return quote((String) form);
    }
    if (form instanceof Character) {
      return "\\" + quote(form.toString());
    }
    if (form instanceof Keyword) {
      return ":" + name(((Keyword) form).sym);
    }
    if (form instanceof Symbol) {
      return "'" + name((Symbol) form);
    }
    if (form instanceof Number) {
      return printNumber((Number) form);
    }
    if (form instanceof Date) {
      return "#inst " + ((Date) form).getTime();
    }
    if (form instanceof UUID) {
      return "#uuid " + form;
    }
    return printCollection(form);
  }

  private static String name(Symbol symbol) {
    return (symbol.getNamespace() == null ? "-" : quote(symbol.getNamespace())) + quote(symbol.getName());
  }

  private static String printNumber(Number number) {
    if (number instanceof Long || number instanceof Integer) {
      return "i" + number;
    }
    if (number instanceof BigInt || number instanceof BigInteger) {
      return "n" + number;
    }
    if (number instanceof Double) {
      return "f" + Long.toUnsignedString(Double.doubleToLongBits(number.doubleValue()));
    }
    if (number instanceof Ratio) {
      return "r" + ((Ratio) number).numerator + "/" + ((Ratio) number).denominator;
    }
    BigDecimal decimal = (BigDecimal) number;
    if (decimal.signum() == 0) {
      return "m0e0";
    }
    BigInteger digits = decimal.unscaledValue();
    long exponent = -(long) decimal.scale();
    while (digits.mod(BigInteger.TEN).signum() == 0) {
      digits = digits.divide(BigInteger.TEN);
      exponent++;
    }
    return "m" + digits + "e" + exponent;
  }

  private static String printCollection(Object form) {
    List<String> parts = new ArrayList<>();
    if (form instanceof IPersistentMap) {
      for (Object entry : (Iterable<?>) form) {
        parts.add(print(((Map.Entry<?, ?>) entry).getKey()) + " " + print(((Map.Entry<?, ?>) entry).getValue()));
      }
      Collections.sort(parts);
      return "{" + String.join(" ", parts) + "}";
    }
    for (ISeq rest = RT.seq(form); rest != null; rest = rest.next()) {
      parts.add(print(rest.first()));
    }
    if (form instanceof IPersistentSet) {
      Collections.sort(parts);
      return "#{" + String.join(" ", parts) + "}";
    }
    boolean isVector = form instanceof IPersistentVector;
    return (isVector ? "[" : "(") + String.join(" ", parts) + (isVector ? "]" : ")");
  }

  private static String quote(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (char unit : text.toCharArray()) {
      if (unit >= ' ' && unit < 127 && unit != '"' && unit != '\\') {
        quoted.append(unit);
      } else {
        quoted.append(String.format("\\u%04x", (int) unit));
      }
    }
    return quoted.append('"').toString();
  }
}
