import { fileURLToPath } from "node:url"
import tseslint from "typescript-eslint"

const root = fileURLToPath(new URL("..", import.meta.url))

/** Types carry the promises here, so the important rules are those that keep types sound. */
export default tseslint.config(
  { ignores: ["dist/**", "dist-docs/**", "node_modules/**"] },
  {
    basePath: root,
    files: ["src/**/*.ts", "test/**/*.ts", "examples/**/*.ts"],
    extends: [tseslint.configs.base],
    languageOptions: { parserOptions: { project: ["./tsconfig.json"], tsconfigRootDir: root } },
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-unsafe-argument": "error",
      "@typescript-eslint/no-unsafe-assignment": "error",
      "@typescript-eslint/no-unsafe-call": "error",
      "@typescript-eslint/no-unsafe-member-access": "error",
      "@typescript-eslint/no-unsafe-return": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-non-null-assertion": "error",
      "@typescript-eslint/ban-ts-comment": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/consistent-type-imports": [
        "error",
        { prefer: "type-imports", fixStyle: "separate-type-imports" }
      ],
      eqeqeq: "error",
      "prefer-const": "error",
      "object-shorthand": "error"
    }
  },
  {
    basePath: root,
    files: ["test/**/*.ts", "examples/**/*.ts"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          name: "@effect/vitest",
          importNames: ["layer"],
          message: "Files share a worker, and `layer` changes `it` for later files: provide a layer in the test."
        }
      ]
    }
  },
  {
    basePath: root,
    files: ["src/**/*.ts"],
    rules: {
      "no-console": "error",
      "no-restricted-properties": [
        "error",
        { object: "process", property: "env", message: "Read it through Config." },
        { object: "Effect", property: "orDie", message: "Fail with a tagged error: a user can cause this." }
      ]
    }
  }
)
