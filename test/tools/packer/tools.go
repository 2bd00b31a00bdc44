//go:build tools

// Package tools names the program that go.mod is about.
package tools

import _ "github.com/hashicorp/packer"
